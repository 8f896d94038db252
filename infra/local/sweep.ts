import { parseArgs } from 'node:util';
import { awsEnvironment } from './environment.ts';
import { LocalBankError, toLocalBankError } from './errors.ts';
import { findRunning } from './running.ts';

/**
 * The program behind `npm run sweep`: runs the scheduled function once, against the bank that is running on this machine.
 * Prints what the function prints, its log line and its metrics, and ends with 1 when something could not be swept.
 */
const SWEEP_TIMEOUT_MS = 15 * 60_000;

try {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
    },
  });
  if (!values.data) {
    throw new LocalBankError('bad_argument', '--data names the folder that npm start -- --data was given.');
  }
  const { endpoint, region, bank, accounts, idempotency } = await findRunning(values.data);
  Object.assign(process.env, awsEnvironment(endpoint, region), {
    BANK: bank,
    ACCOUNTS_TABLE: accounts,
    IDEMPOTENCY_TABLE: idempotency,
  });
  // Only now, because the function reads its environment when it is loaded, as in Lambda.
  const { handler } = await import('../../functions/sweep.ts');
  const deadlineMs = performance.now() + SWEEP_TIMEOUT_MS;
  const { failures } = await handler({}, { getRemainingTimeInMillis: () => deadlineMs - performance.now() });
  process.exitCode = failures === 0 ? 0 : 1;
} catch (error) {
  console.error(toLocalBankError(error).message);
  process.exitCode = 1;
}
