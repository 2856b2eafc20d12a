/** An element of the page by its id; it is there or the page is broken. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) {
    throw new Error(`The page has no ${type.name} #${id}.`);
  }
  return element;
}

/** Sets text only where it changes, so that a screen reader and the layout are left in peace. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** A table row of texts. */
export function row(...texts: string[]): HTMLTableRowElement {
  const element = document.createElement("tr");
  for (const text of texts) {
    element.insertCell().textContent = text;
  }
  return element;
}
