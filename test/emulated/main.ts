import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { mintKey } from '../../client/index.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { interruption, parse, program, run } from '../../infra/tools/program.ts';
import { Aws } from './aws.ts';
import { Callers } from './callers.ts';
import { Cdk } from './cdk.ts';
import { deploy, destroy, leftoversOf } from './deploy.ts';
import { Emulator } from './emulator.ts';
import { EmulatedError } from './errors.ts';
import { failoverSteps } from './failover.ts';
import { moneySteps } from './money.ts';
import { recordedReplySteps } from './recorded-replies.ts';
import { rightsSteps } from './rights.ts';
import { play, type World } from './step.ts';
import { upkeepSteps } from './upkeep.ts';

/** The release of MiniStack that this is written against; another one may know more, or less. */
const VERSION = '1.5.33';

/** Where CI installs it. Git ignores the folder. */
const CHECKOUT = '.ci/tools/ministack';

/** How to get it. */
const HOW_TO_INSTALL = `Install MiniStack ${VERSION} (it needs Python 3.10 or later): python3 -m venv ${CHECKOUT} && ${CHECKOUT}/bin/pip install ministack==${VERSION}`;

/**
 * What the emulator cannot do, of what the bank is built on. It is printed after every run, so that no reader takes a green
 * one for more than it is: a proof of the templates' wiring and of the policies, not of AWS.
 */
const GAPS = [
  'Strong consistency over Regions. The tables are one process: there is no witness, no latency, no index that is behind, no conflict of two Regions, no Region that is cut off.',
  'The loss of a whole Region. Both are one process on one port; what fails here is the function of one of them.',
  'Replicas by CloudFormation. The table of the second Region was made known by hand.',
  'Time to live, point-in-time recovery and deletion protection. They are accepted and forgotten.',
  'Retained tables. After they have been kept, the emulator makes them anew and empty, where AWS says that they exist.',
  'Throttling by the API, and its access log. Both are accepted, and nothing comes of them.',
  'Permissions of functions. Taken away, calls still get through.',
  'Metrics. None are read out of the log, and neither the API nor calls through it are counted.',
  'Alarms. Those over one metric are deployed and see none; those over several are refused and were left out.',
  'The dashboard, and e-mail. The former is kept, and nothing draws it.',
  'Experiments of AWS FIS, and X-Ray. The former are refused and were left out.',
  'Errors of the API itself. A function that fails, is throttled or is gone is answered otherwise than by AWS, and nothing has the mark of the API.',
  'Signatures of the root user and bearer tokens. The emulator lets them through; refusals are shown with roles only.',
  "The addresses of the APIs, and TLS. The run speaks http to one port, and lifts the policy of the CDK's bucket that forbids it.",
  'Node 24 and ARM, memory, latency and cost. Functions run in the Node of this machine.',
];

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
  const command = await findMinistack();
  if (command === undefined) {
    console.log(`skipped: there is no MiniStack. ${HOW_TO_INSTALL}`);
    return process.env['CI_REQUIRE_EMULATOR'] === 'true' ? 1 : 0;
  }
  try {
    await runOn(command);
    return 0;
  } catch (error) {
    // What an interruption made of the step that was under way is of no interest.
    signal.throwIfAborted();
    throw error;
  }
});

async function runOn(command: string): Promise<void> {
  await using emulator = await Emulator.start(command, signal);
  console.log(`MiniStack ${emulator.version}: ${emulator.url}`);
  try {
    await rehearse(emulator);
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

/**
 * Finds MiniStack: where `MINISTACK` says, in the checkout, or on the `PATH`. Undefined when there is none.
 *
 * Throws {@link EmulatedError} when `MINISTACK` names something that cannot be run: a person who sets it does not want another
 * one, nor none.
 */
async function findMinistack(): Promise<string | undefined> {
  const { MINISTACK: named = '', PATH: path = '' } = process.env;
  if (named !== '') {
    if (await canRun(named)) {
      return named;
    }
    throw new EmulatedError(
      'emulator_missing',
      `MINISTACK is ${named}, which cannot be run. ${HOW_TO_INSTALL}`,
    );
  }
  const folders = [join(PROJECT_FOLDER, CHECKOUT, 'bin'), ...path.split(delimiter).filter(Boolean)];
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

/** Deploys the bank, uses it, and destroys it. Throws at the first thing that is wrong. */
async function rehearse(emulator: Emulator): Promise<void> {
  const say = console.log;
  const aws = new Aws(emulator.url, signal);
  const cdk = new Cdk(emulator, signal);
  const bank = await deploy({ aws, cdk, emulatorUrl: emulator.url, say });
  await use({ aws, cdk, bank, signal });
  const end = {
    does: 'cdk destroy, and what is left of the bank',
    act: async () => {
      await destroy(aws, cdk, bank);
      return leftoversOf(aws, bank);
    },
    expected: 'nothing',
  };
  await play([end], say, signal);
}

async function use(deployed: Omit<World, 'callers'>): Promise<void> {
  await using callers = await Callers.signIn(deployed.aws);
  const world = { ...deployed, callers };
  const key = mintKey();
  const steps = [
    ...moneySteps(world, key),
    ...recordedReplySteps(world, key),
    ...rightsSteps(world),
    ...failoverSteps(world),
    ...upkeepSteps(world, key),
  ];
  await play(steps, console.log, signal);
}
