/** A part of the report, the same for the terminal and for the page. */
export interface Section {
  readonly title: string;
  /** What was done and how, before any figure. */
  readonly paragraphs: readonly string[];
  readonly tables: readonly Table[];
  /** Short sentences after the tables. */
  readonly points: readonly string[];
  /** Drawings, for the page alone: the tables have what they show. */
  readonly plots: readonly Plot[];
}

export interface Table {
  /** Undefined where the section's title says it. */
  readonly caption?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

export interface Column {
  readonly name: string;
  readonly isNumber: boolean;
}

export interface Plot {
  /** What is to be seen, above the drawing. */
  readonly caption: string;
  /** Which colour is what, where the drawing does not say it itself. */
  readonly legend?: readonly Legend[];
  /** True for one that is half as wide, so that two stand beside each other. */
  readonly isHalf?: boolean;
  /** Draws it: an SVG element. */
  readonly svg: () => string;
}

export interface Legend {
  readonly name: string;
  readonly color: string;
}

/** A column of words. */
export function words(name: string): Column {
  return { name, isNumber: false };
}

/** A column of numbers, which stand under each other. */
export function numbers(name: string): Column {
  return { name, isNumber: true };
}
