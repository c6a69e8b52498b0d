export function listTexts() {
  return [
    { name: 'rain', text: 'rain on the roof and rain on the road' },
    { name: 'road', text: 'the road is long' },
    { name: 'roof', text: 'the roof is red' },
  ];
}

export function countWords({ text }: { readonly text: string }): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of text.split(' ')) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

export function addUp({ counts }: { readonly counts: readonly Readonly<Record<string, number>>[] }) {
  const total: Record<string, number> = {};
  for (const count of counts) for (const [word, n] of Object.entries(count)) total[word] = (total[word] ?? 0) + n;
  return total;
}
