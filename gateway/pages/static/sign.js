// Signs the statement on the page with a key that is read from a file and never sent: an envelope of
// DSSE 1.0 with Ed25519 (RFC 8032). Where a browser cannot, the command line does the same.

const form = document.querySelector("form[data-sign]");

const bytesOf = (base64) => Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
const base64Of = (bytes) => btoa(String.fromCharCode(...bytes));

function encoding(type, payload) {
  const head = new TextEncoder().encode(`DSSEv1 ${type.length} ${type} ${payload.length} `);
  const all = new Uint8Array(head.length + payload.length);
  all.set(head);
  all.set(payload, head.length);
  return all;
}

const withPassphrase = /-----BEGIN ENCRYPTED PRIVATE KEY-----/;

async function sign(text) {
  const pem = text.replace(/-----[^-]+-----|\s/g, "");
  const key = await crypto.subtle.importKey("pkcs8", bytesOf(pem), "Ed25519", false, ["sign"]);
  const payload = bytesOf(form.elements.payload.value);
  const signed = await crypto.subtle.sign("Ed25519", key, encoding(form.dataset.payloadType, payload));
  form.elements.signature.value = base64Of(new Uint8Array(signed));
}

if (form && crypto.subtle) {
  form.querySelector("[data-with-script]").hidden = false;
  form.querySelector("[data-key-file]").addEventListener("change", async (event) => {
    const status = form.querySelector("[data-status]");
    let text = "";
    try {
      text = await event.target.files[0].text();
      await sign(text);
      event.target.value = "";
      form.submit();
    } catch {
      status.textContent = withPassphrase.test(text)
        ? "This key has a passphrase: use the command below, which asks for it."
        : "This file holds no Ed25519 key that this browser can use.";
      status.className = "bad";
    }
  });
}
