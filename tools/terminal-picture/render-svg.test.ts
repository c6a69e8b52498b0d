import { describe, expect, it } from 'vitest';
import { renderSvg } from './render-svg.ts';

const options = { columns: 20, title: 'A & B' };

describe('renderSvg', () => {
  it('places words by their column, in their colour, and escapes them', () => {
    const svg = renderSvg([{ text: '\u001B[32m✓\u001B[0m  \u001B[1m<a b>\u001B[0m\n\n', durationMs: 1 }], options);
    expect(svg).toContain('<title>A &amp; B</title>');
    expect(svg).toContain('<tspan x="18" textLength="7.8" style="fill:#7ee787">✓</tspan>');
    expect(svg).toContain('<tspan x="41.4" textLength="39" class="bold">&lt;a b&gt;</tspan>');
    expect(svg).not.toContain('@keyframes');
  });

  it('shows each frame in its time, and the last one where nothing moves', () => {
    const svg = renderSvg(
      [
        { text: 'one', durationMs: 100 },
        { text: 'two', durationMs: 300 },
      ],
      options,
    );
    expect(svg).toContain(
      '@keyframes k0 { 0% { visibility: visible } 25% { visibility: hidden } 100% { visibility: hidden } }',
    );
    expect(svg).toContain('@keyframes k1 { 0% { visibility: hidden } 25% { visibility: visible } }');
    expect(svg).toContain('#f0 { visibility: hidden; animation: k0 400ms step-end infinite; }');
    expect(svg).toContain('#f1 { visibility: visible; animation: k1 400ms step-end infinite; }');
  });
});
