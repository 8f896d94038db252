/** Plain data, as JSON has it. What is undefined is left out. */
export type Data = string | number | boolean | null | readonly Data[] | DataObject;

/** An object of plain data. */
export interface DataObject {
  readonly [name: string]: Data | undefined;
}
