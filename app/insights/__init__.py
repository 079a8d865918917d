"""Events, append only. Recorded by the rooms above; a page that draws them comes later."""
