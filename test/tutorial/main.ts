import { mintKey } from '../../client/key.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { Keeper } from '../../infra/local/keeper.ts';
import { demonstrate } from './demonstrate.ts';
import { SCENARIOS } from './scenarios.ts';

/**
 * The program behind `npm run without`: shows what goes wrong without a guard of the bank, and that it holds with it. Ends
 * with 1 when a scenario has not shown that, and with 2 when there is none of that name.
 */
const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(SCENARIOS, name));

if (unknown.length > 0) {
  const known = Object.keys(SCENARIOS).join(', ');
  console.error(
    `There is nothing called ${unknown.join(', ')} to do without: take ${known}, or no name for all.`,
  );
  process.exitCode = 2;
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const keeper = await Keeper.start({ dataFolder: null });
  try {
    const { endpoint } = keeper;
    Object.assign(process.env, awsEnvironment(endpoint, 'us-east-1'));
    const ground = { endpoint, say: console.log };
    let exitCode = 0;
    const chosen = Object.entries(SCENARIOS).filter(([name]) => names.length === 0 || names.includes(name));
    for (const [, scenario] of chosen) {
      if (!(await demonstrate(scenario, ground, mintKey))) {
        console.error('This did not show what it should: wrong without the guard, and right with it.');
        exitCode = 1;
      }
    }
    return exitCode;
  } finally {
    await keeper.stop();
  }
}
