import { toLocalBankError } from '../../infra/local/errors.ts';
import { claimFolder } from '../../infra/local/lock.ts';

/** A program of its own for the tests of claims: claims the folder of its argument, prints the result, and stays. */
process.once('message', async (folder: string) => {
  process.chdir(folder);
  process.send?.(
    await claimFolder(folder).then(
      () => 'claimed',
      (error) => toLocalBankError(error).code,
    ),
  );
});
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
setInterval(() => undefined, 60_000);
