/** Boxes without lines between them: below each other, and in the next column when a column is full, as text in a newspaper. */

export type Size = readonly [width: number, height: number];
export type Point = readonly [x: number, y: number];

/** Boxes below each other in the smallest block. */
const ROWS_MIN = 6;
/** How much wider than high a large block is, about. */
const SHAPE = 1.2;
/** A column grows by this, so that places stay while boxes come. */
const GROWTH = 1.5;
const GAP = 12;

export interface Block {
  readonly places: readonly Point[];
  readonly width: number;
  readonly height: number;
}

export function layoutBlock(sizes: readonly Size[]): Block {
  const places: Point[] = [];
  const rows = rowsFor(sizes);
  let [x, y, width, height, row] = [0, 0, 0, 0, 0];
  for (const [boxWidth, boxHeight] of sizes) {
    if (row === rows) {
      x = width + GAP;
      [y, row] = [0, 0];
    }
    places.push([x, y]);
    width = Math.max(width, x + boxWidth);
    height = Math.max(height, y + boxHeight);
    y += boxHeight + GAP;
    row += 1;
  }
  return { places, width, height };
}

function rowsFor(sizes: readonly Size[]): number {
  let [width, height] = [0, 0];
  for (const [boxWidth, boxHeight] of sizes) {
    width += boxWidth + GAP;
    height += boxHeight + GAP;
  }
  let rows = ROWS_MIN;
  while (rows < sizes.length && rows * rows * height * SHAPE < sizes.length * width) rows = Math.ceil(rows * GROWTH);
  return rows;
}
