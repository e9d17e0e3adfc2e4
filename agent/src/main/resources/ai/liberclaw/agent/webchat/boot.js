"use strict";
// Runs before anything is shown: the secret of a link must not stay in the address, and the chosen
// colours must not flicker.
(() => {
  const take = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    const secret = given.get("token");
    const chat = given.get("chat");
    if (secret === null && chat === null) {
      return false;
    }
    history.replaceState(null, "", location.pathname + location.search);
    if (secret) {
      sessionStorage.setItem("liberclaw.secret", secret);
    }
    if (chat) {
      sessionStorage.setItem("liberclaw.chat", chat);
    }
    return true;
  };
  take();
  addEventListener("hashchange", () => {
    if (take()) {
      location.reload();
    }
  });
  const theme = localStorage.getItem("liberclaw.theme");
  if (theme === "dark" || theme === "light") {
    document.documentElement.dataset.theme = theme;
  }
})();
