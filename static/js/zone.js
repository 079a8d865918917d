// Tells the sign-up form where its reader is: a first guess for deadlines and prices, changed in the profile.
const { timeZone, locale } = Intl.DateTimeFormat().resolvedOptions();
const detected = { "time-zone": timeZone, locale: navigator.language || locale };

for (const input of document.querySelectorAll("input[data-detect]")) {
  if (!input.value) input.value = detected[input.dataset.detect] || "";
}
