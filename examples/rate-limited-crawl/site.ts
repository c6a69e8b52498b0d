/** Stands for sites that allow twenty requests a second each. */
export function fetchPage({ page }: { readonly page: string }): { readonly title: string } {
  return { title: `Page ${page}` };
}
