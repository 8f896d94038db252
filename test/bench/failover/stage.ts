import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BankClient } from '../../../client/index.ts';
import { Closers } from '../closers.ts';
import { bundleInto } from '../programs/bundle-into.ts';
import { HostedProgram } from '../programs/hosted-program.ts';
import { all } from './all.ts';
import type { CallerInput } from './caller-process.ts';
import { slowSeed } from './delays.ts';
import { addressesOf, type Fault, frozen, killed, type RelayHost, relayed } from './faults.ts';
import { type Pair, Pairs } from './pairs.ts';
import type { RelayGreeting, RelayInput, RelayRequest } from './relay-process.ts';
import { CALLERS, type CallerName } from './result.ts';
import type { CallerProgram } from './session.ts';

export interface StageOptions {
  readonly seed: number;
  /** Hears that the bank cannot go on. */
  readonly onBroken: (error: Error) => void;
  readonly signal: AbortSignal;
}

/** Calls to each Region before anything is measured: functions are slow at first, wherever they run. */
const REGION_WARM_UP_CALLS = 50;

/**
 * Everything that the trials need: pairs of Regions, relays, and a process for each kind of caller.
 *
 * One pair is there to have a Region killed, another to have it frozen. What relays do harms no Region, so these faults
 * share the third. This way the trials of all faults can go on side by side.
 */
export class Stage {
  /** Begins names that no other run has. */
  readonly run = `failover-${randomUUID().slice(0, 8)}`;
  readonly #closers = new Closers();
  #faults: readonly Fault[] = [];
  #programs: Readonly<Record<CallerName, CallerProgram>> | undefined;

  private constructor() {}

  /** Starts everything. Whatever goes wrong, nothing is left running. */
  static async start(options: StageOptions): Promise<Stage> {
    const stage = new Stage();
    try {
      await stage.#start(options);
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  get programs(): Readonly<Record<CallerName, CallerProgram>> {
    if (this.#programs === undefined) throw new RangeError('the stage has not been started');
    return this.#programs;
  }

  /** Ends everything, and leaves no file. */
  stop(): Promise<void> {
    return this.#closers[Symbol.asyncDispose]();
  }

  async #start({ seed, onBroken, signal }: StageOptions): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'twinbank-failover-'));
    this.#closers.add(() => rm(folder, { recursive: true, force: true }));
    const [pairs, apiFile, callerFile, relayFile] = await all([
      this.#startPairs(folder, onBroken, signal),
      bundleInto(folder, 'api', '../../functions/api.ts'),
      bundleInto(folder, 'caller', './failover/caller-process.ts'),
      bundleInto(folder, 'relay', './failover/relay-process.ts'),
    ]);
    const [toKill, toFreeze, toRelay, programs] = await all([
      pairs.open('to-kill', apiFile),
      pairs.open('to-freeze', apiFile),
      pairs.open('to-relay', apiFile),
      all(CALLERS.map((caller) => this.#startCaller(caller, callerFile))),
    ]);
    const [target] = addressesOf(toRelay);
    const [hole, busy, slow] = await all([
      this.#startRelay(relayFile, target),
      this.#startRelay(relayFile, target),
      this.#startRelay(relayFile, target),
    ]);
    this.#programs = Object.fromEntries(programs) as Record<CallerName, CallerProgram>;
    // Those that take their turn for longest come last, because the others then wait for time-outs meanwhile.
    this.#faults = [
      killed(toKill),
      relayed('answering_503', toRelay, busy, () => ({ kind: 'answer_503' })),
      frozen(toFreeze),
      relayed('black_holed', toRelay, hole, () => ({ kind: 'black_hole' })),
      relayed('slow', toRelay, slow, (trial) => ({ kind: 'slow', seed: slowSeed(seed, trial) })),
    ];
    await all([toKill, toFreeze, toRelay].map((pair) => this.#warmUp(pair, signal)));
  }

  async #startPairs(folder: string, onLost: (error: Error) => void, signal: AbortSignal): Promise<Pairs> {
    const pairs = await Pairs.start({ prefix: this.run, folder, onLost, signal });
    this.#closers.add(() => pairs.stop());
    return pairs;
  }

  async #startRelay(bundleFile: string, target: string): Promise<RelayHost> {
    const input: RelayInput = { target };
    const { program, greeting } = await HostedProgram.start<RelayRequest, null, RelayGreeting>(
      'a relay',
      bundleFile,
      input,
    );
    this.#closers.add(() => program.stop());
    return { program, url: `http://127.0.0.1:${greeting.port}` };
  }

  async #startCaller(caller: CallerName, bundleFile: string): Promise<[CallerName, CallerProgram]> {
    const input: CallerInput = { caller };
    const started: { program: CallerProgram } = await HostedProgram.start(caller, bundleFile, input);
    this.#closers.add(() => started.program.stop());
    return [caller, started.program];
  }

  async #warmUp(pair: Pair, signal: AbortSignal): Promise<void> {
    for (const address of addressesOf(pair)) {
      await using client = new BankClient({ endpoints: [address] });
      for (let calls = 0; calls < REGION_WARM_UP_CALLS; calls += 1) {
        await client.deposit(`${this.run}-warm-up`, 1n, { signal });
      }
    }
  }
}
