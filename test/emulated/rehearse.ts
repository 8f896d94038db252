import { mintKey } from '../../client/index.ts';
import { Aws } from './aws.ts';
import { Callers } from './callers.ts';
import { Cdk } from './cdk.ts';
import { deploy, destroy, leftoversOf, type Say } from './deploy.ts';
import type { Emulator } from './emulator.ts';
import { failoverSteps } from './failover.ts';
import { moneySteps } from './money.ts';
import { recordedReplySteps } from './recorded-replies.ts';
import { rightsSteps } from './rights.ts';
import { play, type World } from './step.ts';
import { upkeepSteps } from './upkeep.ts';

/** Deploys the bank, uses it, and destroys it. Throws at the first thing that is wrong. */
export async function rehearse(parts: {
  readonly emulator: Emulator;
  readonly say: Say;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { emulator, say, signal } = parts;
  const aws = new Aws(emulator.url, signal);
  const cdk = new Cdk(emulator, signal);
  const bank = await deploy({ aws, cdk, emulatorUrl: emulator.url, say });
  await use({ aws, cdk, bank, signal }, say);
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

async function use(deployed: Omit<World, 'callers'>, say: Say): Promise<void> {
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
  await play(steps, say, deployed.signal);
}
