// Before the page is drawn: say that scripts run, so that parts which do not apply are not shown at all.
document.documentElement.classList.add("js");
