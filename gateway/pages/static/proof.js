// Recomputes the root of the log from one entry, by RFC 9162, section 2.1.3.2: nothing is taken on trust
// but the signed root that stands beside it, which the reader compares with one from a witness.

const section = document.getElementById("proof");
const hex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const text = (bytes) => [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
const hash = async (...parts) => {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
};

async function root(leaf, index, size, path) {
  let found = await hash([0], leaf);
  let [node, last] = [BigInt(index), BigInt(size) - 1n];
  for (const neighbor of path) {
    if (last === 0n) return null;
    if (node % 2n === 1n || node === last) {
      found = await hash([1], neighbor, found);
      while (node % 2n === 0n && node !== 0n) [node, last] = [node / 2n, last / 2n];
    } else {
      found = await hash([1], found, neighbor);
    }
    [node, last] = [node / 2n, last / 2n];
  }
  return last === 0n ? found : null;
}

if (section && crypto.subtle) {
  const { leaf, index, size, root: signed, hashes } = section.dataset;
  const bytes = Uint8Array.from(atob(leaf), (one) => one.charCodeAt(0));
  const path = hashes.split(" ").filter(Boolean).map(hex);
  root(bytes, index, size, path).then((found) => {
    const holds = found !== null && text(found) === signed;
    const verdict = section.querySelector("[data-verdict]");
    verdict.textContent = holds
      ? `Checked in this browser just now: the entry stands in the log of ${size} entries whose root is signed.`
      : "NOT proved: the entry does not lead to the signed root. Keep this page and tell the witness.";
    verdict.className = holds ? "good" : "bad";
    section.classList.toggle("problem", !holds);
  });
}
