import { isRegister } from '../bank/key.ts';

/** A place in the list of accounts, as callers get it: an account, or the name of a register in a form that tells them nothing. */
export function cursorOf(place: string): string {
  return isRegister(place) ? `~${Buffer.from(place.slice(1)).toString('base64url')}` : place;
}

/** The place of a cursor. A forged one is a place, too: the list continues after it. */
export function placeOf(cursor: string): string {
  return isRegister(cursor) ? `~${Buffer.from(cursor.slice(1), 'base64url').toString()}` : cursor;
}
