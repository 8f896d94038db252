import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { EmulatedError } from './errors.ts';

/** The release of MiniStack that this is written against; another one may know more, or less. */
const VERSION = '1.5.33';

/** Where CI installs it. Git ignores the folder. */
const CHECKOUT = '.ci/tools/ministack';

/** How to get it. */
export const HOW_TO_INSTALL = `Install MiniStack ${VERSION} (it needs Python 3.10 or later): python3 -m venv ${CHECKOUT} && ${CHECKOUT}/bin/pip install ministack==${VERSION}`;

/**
 * Finds MiniStack: where `MINISTACK` says, in the checkout, or on the `PATH`. Undefined when there is none.
 *
 * Throws {@link EmulatedError} when `MINISTACK` names something that cannot be run: a person who sets it does not want another
 * one, nor none.
 */
export async function findMinistack(
  environment: NodeJS.ProcessEnv,
  projectFolder: string,
): Promise<string | undefined> {
  const { MINISTACK: named = '', PATH: path = '' } = environment;
  if (named !== '') {
    if (await canRun(named)) {
      return named;
    }
    throw new EmulatedError(
      'emulator_missing',
      `MINISTACK is ${named}, which cannot be run. ${HOW_TO_INSTALL}`,
    );
  }
  const folders = [join(projectFolder, CHECKOUT, 'bin'), ...path.split(delimiter).filter(Boolean)];
  for (const file of folders.map((folder) => join(folder, 'ministack'))) {
    if (await canRun(file)) {
      return file;
    }
  }
  return undefined;
}

function canRun(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
