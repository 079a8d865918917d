"""Real servers for tests: each on a free port of this machine, started when first asked for, gone with the test run."""
