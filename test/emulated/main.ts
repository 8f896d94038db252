import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { interruption, parse, program, run } from '../../infra/tools/program.ts';
import { Emulator } from './emulator.ts';
import { findMinistack, HOW_TO_INSTALL } from './find.ts';
import { GAPS } from './gaps.ts';
import { rehearse } from './rehearse.ts';

/**
 * The program behind `npm run deploy:emulated`: deploys the whole app with the CDK's command to an AWS that is emulated on
 * this machine, uses the bank through its real addresses and policies, and destroys it. Exits with 1 when anything is
 * wrong. Without an emulator it is skipped, unless `CI_REQUIRE_EMULATOR` is true.
 */
const signal = interruption();

await run(async () => {
  parse(
    program(
      'npm run deploy:emulated',
      'Deploys a bank to an emulated AWS on this machine, and moves money in it.',
    ),
    process.argv.slice(2),
  );
  const command = await findMinistack(process.env, PROJECT_FOLDER);
  if (command === undefined) {
    console.log(`skipped: there is no MiniStack. ${HOW_TO_INSTALL}`);
    return process.env['CI_REQUIRE_EMULATOR'] === 'true' ? 1 : 0;
  }
  try {
    await deploy(command);
    return 0;
  } catch (error) {
    // What an interruption made of the step that was under way is of no interest.
    signal.throwIfAborted();
    throw error;
  }
});

async function deploy(command: string): Promise<void> {
  await using emulator = await Emulator.start(command, signal);
  console.log(`MiniStack ${emulator.version}: ${emulator.url}`);
  try {
    await rehearse({ emulator, say: console.log, signal });
  } catch (error) {
    if (!signal.aborted) {
      console.error(await emulator.lastWords());
    }
    throw error;
  }
  console.log(
    `\nEverything was right. What the emulator cannot show:\n${GAPS.map((gap) => `- ${gap}`).join('\n')}`,
  );
}
