// Forms that change while they are filled in. Without this script every field shows, and rows of students come and go through the server.

// <div data-when="access=Yes,No">: shown and sent only while the field `access` has one of these values.
for (const form of document.querySelectorAll("[data-progressive]")) {
  const parts = [...form.querySelectorAll("[data-when]")];
  const update = () => {
    for (const part of parts) {
      const [name, values] = part.dataset.when.split("=");
      const applies = values.split(",").includes(form.elements[name].value) || part.querySelector(".field-error") !== null;
      part.hidden = !applies;
      for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !applies;
    }
  };
  form.addEventListener("change", update);
  update();
}

const register = document.querySelector("[data-register]");
if (register) {
  const rows = register.querySelector("[data-rows]");
  const all = () => [...rows.querySelectorAll("[data-row]")];
  const numbered = (text, number) => text.replace(/\d+/, number);

  const renumber = () => {
    all().forEach((row, at) => {
      row.querySelector("legend").textContent = numbered(row.querySelector("legend").textContent, at + 1);
      const remove = row.querySelector("[data-remove-row]");
      remove.textContent = numbered(remove.textContent, at + 1);
      remove.hidden = all().length === 1;
    });
  };

  const emptied = (row, index) => {
    const copy = row.cloneNode(true);
    for (const error of copy.querySelectorAll("[id$=-error]")) error.remove();
    for (const node of copy.querySelectorAll("[id], [name], [for], [value]")) {
      for (const attribute of ["id", "name", "for", "aria-describedby"]) {
        if (node.hasAttribute(attribute)) node.setAttribute(attribute, node.getAttribute(attribute).replace(/students-\d+/g, `students-${index}`));
      }
    }
    for (const field of copy.querySelectorAll("input, select")) {
      field.value = "";
      field.classList.remove("is-invalid");
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
    copy.querySelector("[data-remove-row]").value = `students-${index}`;
    return copy;
  };

  register.querySelector("[data-add-row]").addEventListener("click", (event) => {
    event.preventDefault();
    const used = all().map((row) => Number(row.querySelector("[name$=-district_id]").name.match(/\d+/)[0]));
    const last = all().at(-1);
    const row = emptied(last, Math.max(...used) + 1);
    // Brothers and sisters mostly share the family name.
    row.querySelector("[name$=-last_name]").value = last.querySelector("[name$=-last_name]").value;
    rows.append(row);
    renumber();
    row.querySelector("[name$=-district_id]").focus();
  });

  rows.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove-row]");
    if (!button) return;
    event.preventDefault();
    button.closest("[data-row]").remove();
    renumber();
    all().at(-1).querySelector("[name$=-district_id]").focus();
  });

  renumber();
}

document.querySelector("#error-summary, #conflicts, #alike")?.focus();
