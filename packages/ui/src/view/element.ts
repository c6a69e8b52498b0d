/** Makes elements of the page. Text only ever becomes text: nothing is parsed as markup. */

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An HTML element. An attribute that is undefined or false is left out; true is written empty. */
export function html<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** An SVG element. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS(SVG_NAMESPACE, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** Changes only attributes that differ, so that nothing is repainted in vain. */
export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) {
      if (element.hasAttribute(name)) element.removeAttribute(name);
      continue;
    }
    const text = value === true ? '' : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/** Changes the text only if it differs. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A button with an icon made of one character and a name that is read out. */
export function iconButton(name: string, icon: string, onClick: () => void): HTMLButtonElement {
  const button = html('button', { type: 'button', class: 'icon-button', title: name, 'aria-label': name }, icon);
  button.addEventListener('click', onClick);
  return button;
}

/** A row of tools: the given elements, then buttons. */
export function toolbar(
  name: string,
  first: readonly Node[],
  buttons: readonly (readonly [name: string, icon: string, onClick: () => void])[],
): HTMLElement {
  const icons = buttons.map((button) => iconButton(...button));
  return html('div', { class: 'toolbar', role: 'toolbar', 'aria-label': name }, ...first, ...icons);
}
