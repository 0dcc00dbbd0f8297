// Small comforts; every page does its job without them.

for (const range of document.querySelectorAll("input[type=range][data-amounts]")) {
  const amounts = range.dataset.amounts.split(" ");
  const output = range.parentElement.querySelector("[data-amount]");
  const show = () => {
    output.value = `${range.dataset.symbol} ${Number(amounts[range.value])}`;
    range.setAttribute("aria-valuetext", output.value);
  };
  range.addEventListener("input", show);
  show();
}

// Whoever sets a price or an accuracy has chosen it.
document.addEventListener("input", (event) => {
  const chosen = event.target.dataset.chooses;
  if (chosen) document.getElementById(chosen).checked = true;
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
});

document.addEventListener("htmx:afterSwap", (event) => {
  for (const button of event.target.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
});
