// A slip's QR code opens the page with the two codes behind the `#`: they go into the form and out of the address.
const form = document.getElementById("slip");
const [code, secret] = decodeURIComponent(location.hash.slice(1)).split(".");
if (form && code && secret) {
  history.replaceState(null, "", location.pathname);
  form.elements.code.value = code;
  form.elements.secret.value = secret;
  form.requestSubmit();
}
