"use strict";
// Contacts: {items: [{id, name, phone, email, company, address, favourite}]}.

const CONTACT_FIELDS = [["name", "Name"], ["phone", "Phone"], ["email", "Email"], ["company", "Company"], ["address", "Address"]];

function contactItems() {
  return shell.store.contacts.items;
}

function digits(number) {
  return number.replace(/\D/g, "");
}

function contactWithNumber(number) {
  return contactItems().find((contact) => digits(contact.phone) === digits(number));
}

function contactList() {
  let query = "";
  let list;
  const line = (contact) => row({
    title: contact.name, detail: contact.phone, lead: badge(contact.name), end: contact.favourite ? icon("star", true) : null,
    press: () => push(contactPage(contact.id)), options: () => menu(contactMenu(contact)),
  });
  const lines = () => {
    const found = contactItems().filter((contact) => matches(query, contact.name, contact.phone, contact.email, contact.company)).sort(byText((contact) => contact.name));
    return found.length ? found.map(line) : [empty("No contacts found")];
  };
  return {
    title: "Contacts",
    action: { id: "new_contact", label: "New contact", press: () => push(contactForm({ favourite: false })) },
    body: () => [
      searchField("search_contacts", "Search contacts", query, (text) => { query = text; list.replaceChildren(...lines()); }),
      (list = h("div", { role: "list" }, lines())),
    ],
  };
}

function contactMenu(contact) {
  return [
    ["Edit contact", () => push(contactForm(contact))],
    [contact.favourite ? "Remove from favourites" : "Add to favourites", () => { contact.favourite = !contact.favourite; draw(); }],
    ["Delete contact", () => confirmDeletion(contact.name, () => {
      shell.store.contacts.items = contactItems().filter((other) => other.id !== contact.id);
      stack().splice(1);
      toast("Contact deleted");
    })],
  ];
}

function contactPage(id) {
  const contact = () => contactItems().find((candidate) => candidate.id === id);
  return {
    title: "Contact",
    actions: () => [
      iconButton("star", contact().favourite ? "Remove from favourites" : "Add to favourites", () => { contact().favourite = !contact().favourite; draw(); }, { filled: contact().favourite }),
      iconButton("edit", "Edit contact", () => push(contactForm(contact()))),
      iconButton("more", "More options", () => menu(contactMenu(contact()))),
    ],
    body: () => [
      h("div", { class: "portrait" }, badge(contact().name), h("p", { class: "portrait-name" }, contact().name)),
      h("div", { class: "centred" }, textButton("Send message", () => writeMessage({ to: contact().name }), { class: "filled-button" })),
      CONTACT_FIELDS.slice(1).filter(([key]) => contact()[key]).map(([key, label]) =>
        h("div", { class: "fact" }, h("span", { class: "detail" }, label), h("span", { class: "title" }, contact()[key]))),
    ],
  };
}

// A form for a new contact, or for one that is in the list already.
function contactForm(contact) {
  const before = Object.fromEntries(CONTACT_FIELDS.map(([key]) => [key, contact[key] ?? ""]));
  const draft = { ...before };
  let complaint = null;
  const save = () => {
    const values = Object.fromEntries(CONTACT_FIELDS.map(([key]) => [key, draft[key].trim()]));
    if (!values.name) {
      complaint = "A contact needs a name";
      draw();
      return;
    }
    if (contact.id) Object.assign(contact, values);
    else contactItems().push({ id: nextId(contactItems()), ...values, favourite: false });
    pop();
    toast("Contact saved");
  };
  return {
    title: contact.id ? "Edit contact" : "Create contact",
    actions: () => [textButton("Save", save, { id: "save_contact" })],
    leave: () => JSON.stringify(draft) !== JSON.stringify(before) && (askToDiscard(() => pop()), true),
    body: () => [
      complaint ? h("p", { class: "complaint", role: "alert" }, complaint) : null,
      CONTACT_FIELDS.map(([key, label]) => field(draft, key, label, { id: `contact_${key}`, mode: key === "phone" ? "tel" : undefined })),
    ],
  };
}

defineApp({ name: "Contacts", key: "contacts", icon: "person", colour: "#1d6fb8", main: contactList });
