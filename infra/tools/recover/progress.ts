import { rename, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { Position, Positions } from '../books/go-through.ts';
import { readIfThere } from '../books/sorted-lines.ts';

/** What identifies a recovery. Another one must not continue from its file. */
export type Task = v.InferOutput<typeof taskSchema>;

/** The file belongs to another recovery, or is not a progress file. */
export class ProgressError extends Error {
  override readonly name = 'ProgressError';
  readonly code = 'progress_unusable';
}

const taskSchema = v.object({
  source: v.string(),
  region: v.string(),
  /** The two tables of the fresh bank; their ARN has its AWS account. */
  accounts: v.string(),
  pages: v.string(),
  keysNotBefore: v.string(),
});

const fileSchema = v.object({
  ...taskSchema.entries,
  places: v.record(
    v.string(),
    v.variant('kind', [
      v.object({ kind: v.literal('at'), from: v.string() }),
      v.object({ kind: v.literal('done') }),
    ]),
  ),
});

/** The progress of a recovery, in a file. The file is written before the first item, so it proves that this recovery began with the bank. */
export class Progress implements Positions {
  readonly #file: string;
  readonly #task: Task;
  /** By part of the source; a part without an entry has not begun. */
  readonly #places: Map<string, Position>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, task: Task, places: ReadonlyMap<string, Position>) {
    this.#file = file;
    this.#task = task;
    this.#places = new Map(places);
  }

  /** Opens the file; undefined when there is none. Throws {@link ProgressError} when it belongs to another recovery. */
  static async open(file: string, task: Task): Promise<Progress | undefined> {
    const text = await readIfThere(file);
    if (text === undefined) {
      return undefined;
    }
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), fileSchema), text);
    if (!parsed.success) {
      throw new ProgressError(`${file} is not the progress of a recovery; name another file, or remove it`);
    }
    const { places, ...other } = parsed.output;
    const names = Object.keys(task) as (keyof Task)[];
    const difference = names.find((name) => other[name] !== task[name]);
    if (difference !== undefined) {
      throw new ProgressError(
        `${file} belongs to a recovery with ${difference} ${other[difference]}, not ${task[difference]}; name another file`,
      );
    }
    return new Progress(file, task, new Map(Object.entries(places)));
  }

  /** Begins a file. */
  static async begin(file: string, task: Task): Promise<Progress> {
    const progress = new Progress(file, task, new Map());
    await progress.#save();
    return progress;
  }

  placeOf(part: string): Position | undefined {
    return this.#places.get(part);
  }

  async note(part: string, place: Position): Promise<void> {
    this.#places.set(part, place);
    await this.#save();
  }

  /** Replaces the file as a whole, so that a crash in between leaves the one before. */
  async #save(): Promise<void> {
    const text = JSON.stringify({ ...this.#task, places: Object.fromEntries(this.#places) });
    this.#writing = this.#writing.then(async () => {
      await writeFile(`${this.#file}.new`, text);
      await rename(`${this.#file}.new`, this.#file);
    });
    await this.#writing;
  }
}
