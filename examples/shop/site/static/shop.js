// Forms marked data-quick change the page in place: the form is posted as ever, and of the page that comes back the parts
// that differ replace those that are shown. Without this script, or where something goes wrong, the browser posts the form
// itself and shows the page: everything works the same.
"use strict";

async function quick(form, button) {
  const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)) });
  if (!response.ok) throw new Error(response.status);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (new URL(response.url).pathname !== location.pathname) {
    location.assign(response.url);
    return;
  }
  for (const id of ["count", "notice"]) document.getElementById(id).innerHTML = page.getElementById(id).innerHTML;
  if (!form.closest(".lines")) return;
  // The cart: its rows have changed too. The focus stays on the button, or goes to the page if that is gone.
  const main = document.querySelector("main"), label = button.getAttribute("aria-label");
  main.querySelector(".narrow").replaceWith(page.querySelector(".narrow"));
  const again = [...main.querySelectorAll("button:enabled")].find((b) => b.getAttribute("aria-label") === label);
  (again || main).focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (!form.matches("[data-quick]")) return;
  event.preventDefault();
  quick(form, button).catch(() => {
    if (button.name) { // submit() forgets which button it was
      const chosen = document.createElement("input");
      chosen.type = "hidden";
      chosen.name = button.name;
      chosen.value = button.value;
      form.append(chosen);
    }
    form.submit();
  });
});
