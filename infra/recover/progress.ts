import { readFile, rename, writeFile } from 'node:fs/promises';
import * as v from 'valibot';

/** What a recovery is about. Another one must not go on where this one stopped. */
export interface Task {
  readonly source: string;
  readonly target: string;
  readonly keysNotBefore: string;
}

/** How far each part of the source has come; a part that is not there has not begun. */
export type Places = ReadonlyMap<string, Place>;

export type Place = { readonly kind: 'at'; readonly from: string } | { readonly kind: 'done' };

/** The file belongs to another recovery, or to nothing of ours. */
export class ProgressError extends Error {
  override readonly name = 'ProgressError';
  readonly code = 'progress_unusable';
}

const fileSchema = v.object({
  source: v.string(),
  target: v.string(),
  keysNotBefore: v.string(),
  places: v.record(
    v.string(),
    v.variant('kind', [
      v.object({ kind: v.literal('at'), from: v.string() }),
      v.object({ kind: v.literal('done') }),
    ]),
  ),
});

/**
 * Where a recovery stands, in a file. Losing it costs a new beginning and nothing else: items that are there already are
 * recognized.
 */
export class Progress {
  readonly #file: string;
  readonly #task: Task;
  readonly #places: Map<string, Place>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, task: Task, places: Places) {
    this.#file = file;
    this.#task = task;
    this.#places = new Map(places);
  }

  /** Opens the file, or begins one. Throws {@link ProgressError} when it tells of another recovery. */
  static async open(file: string, task: Task): Promise<Progress> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) {
      return new Progress(file, task, new Map());
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

  placeOf(part: string): Place | undefined {
    return this.#places.get(part);
  }

  /** Notes a place. The file is replaced as a whole, so that a crash in between leaves the one before. */
  async note(part: string, place: Place): Promise<void> {
    this.#places.set(part, place);
    const text = JSON.stringify({ ...this.#task, places: Object.fromEntries(this.#places) });
    this.#writing = this.#writing.then(async () => {
      await writeFile(`${this.#file}.new`, text);
      await rename(`${this.#file}.new`, this.#file);
    });
    await this.#writing;
  }
}
