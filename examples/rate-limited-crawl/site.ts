/** Stands for a site that allows twenty requests a second. */
export function fetchPage({ page }: { readonly page: string }): { readonly title: string } {
  return { title: `Page ${page}` };
}
