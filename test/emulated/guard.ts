import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';

/** The first message to the guard. */
export interface GuardInput {
  /** Program to run, with the guard's own environment. */
  readonly command: string;
  /** Everything that it writes goes here, and is removed with it. */
  readonly folder: string;
}

/** A later message to the guard: programs to end with the emulator, by the ids of their process groups. */
export interface GuardRequest {
  readonly guard?: number;
  readonly release?: number;
}

/** A message of the guard: the emulator has ended without being stopped. */
export interface GuardMessage {
  readonly ended: string;
}

/**
 * The guard: a small process that runs the emulator and outlives a parent that is killed, for as long as it takes to
 * clean up. The emulator would not notice by itself that its parent is gone, and neither would its functions.
 */
const { command, folder } = JSON.parse(process.argv[2] ?? '{}') as GuardInput;

/** Longer than the emulator takes to end its functions. */
const STOP_TIMEOUT_MS = 10_000;

const guarded = new Set<number>();
process.on('message', ({ guard, release }: GuardRequest) => {
  if (guard !== undefined) {
    guarded.add(guard);
  }
  if (release !== undefined) {
    guarded.delete(release);
  }
});

const emulator = spawn(command, [], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
const stop = () => {
  for (const group of guarded) {
    killGroup(group);
  }
  emulator.kill('SIGTERM');
  setTimeout(() => emulator.kill('SIGKILL'), STOP_TIMEOUT_MS);
};
process.once('disconnect', stop);
process.once('SIGTERM', stop);
// The parent may have been gone before these lines were reached.
if (!process.connected) {
  stop();
}

emulator.once('error', ({ message }) => end(message));
emulator.once('exit', (code, signal) => end(`it ended with ${signal ?? code}`));

async function end(ended: string): Promise<void> {
  if (process.connected) {
    process.send?.({ ended } satisfies GuardMessage);
    // A parent that is still there wants to read the log first.
    await new Promise((resolve) => process.once('disconnect', resolve));
  }
  // The guard leads its process group, so this ends whatever the emulator has left behind, and the guard as well.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 }).finally(() => killGroup(process.pid));
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // All of it ended by itself in the meantime.
  }
}
