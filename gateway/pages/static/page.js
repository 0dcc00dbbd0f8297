// Small comforts; every page does its job without them.

const question = document.getElementById("question");
const price = (name) => document.querySelector(`#question [name=${name}]`);

// What stood in the form is there again when one comes back to it: browsers keep nothing of pages that are not to be
// stored; not to somebody else who has signed in since. This runs before the editor takes the text over, and with the
// slider go the prices that it had.
const ofThisPage = new Set(["form_token", "once"]);
const keepQuestion = () => {
  const fields = [...new FormData(question)].filter(([name]) => !ofThisPage.has(name));
  const { max, dataset } = price("step");
  history.replaceState({ whose: question.dataset.whose, fields, max, prices: { ...dataset } }, "");
};
if (question) {
  const kept = history.state;
  if (kept?.fields && kept.whose === question.dataset.whose) {
    price("step").max = kept.max;
    Object.assign(price("step").dataset, kept.prices);
    document.getElementById("symbol").textContent = kept.prices.symbol;
    for (const [name, said] of kept.fields) if (question.elements[name]) question.elements[name].value = said;
    addEventListener("load", () => question.dispatchEvent(new Event("change")));
  }
  for (const event of ["submit", "htmx:beforeRequest"]) question.addEventListener(event, keepQuestion);
}

// What is charged: the exact price where one is typed, and what the slider says otherwise.
const showPrice = () => {
  const range = document.querySelector("input[type=range][data-amounts]");
  if (!range) return;
  const output = range.parentElement.querySelector("[data-amount]");
  const exact = price("amount")?.value.trim();
  output.value = `${range.dataset.symbol} ${exact || Number(range.dataset.amounts.split(" ")[range.value])}`;
  range.setAttribute("aria-valuetext", output.value);
};
showPrice();
document.addEventListener("htmx:afterSwap", showPrice);

// Whoever sets a price or an accuracy has chosen it, and whatever else said one is emptied.
document.addEventListener("input", (event) => {
  const { chooses } = event.target.dataset;
  if (chooses) document.getElementById(chooses).checked = true;
  if (event.target.name === "step") price("amount").value = "";
  if (price("within") && document.getElementById("by-price").checked) price("within").value = "";
  showPrice();
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
