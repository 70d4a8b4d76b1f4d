// The last search goes with the one who signs out.
document.querySelector("form[action$='/sign-out']")?.addEventListener("submit", () => sessionStorage.removeItem("household-search"));
