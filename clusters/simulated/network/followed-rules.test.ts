import { describe, expect, it } from 'vitest';
import { FollowedRules } from './followed-rules.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function followed(set: (rules: string) => Promise<void> = () => Promise.resolve(), nothing?: string) {
  const state = { rules: 'a', log: [] as string[], sets: [] as string[] };
  const rules = new FollowedRules({
    name: 'services',
    rules: () => state.rules,
    set: (text) => {
      state.sets.push(text);
      return set(text);
    },
    ...(nothing === undefined ? {} : { nothing }),
    log: (line) => state.log.push(line),
  });
  return { rules, state };
}

describe('rules that follow', () => {
  it('are replaced once for many changes, and not at all where nothing is new', async () => {
    const { rules, state } = followed();
    await rules.begin();
    for (let i = 0; i < 5; i++) rules.changed();
    await settled();
    expect(state.sets).toEqual(['a']);
    state.rules = 'b';
    for (let i = 0; i < 5; i++) rules.changed();
    await settled();
    expect(state.sets).toEqual(['a', 'b']);
  });

  it('are what holds at the end when something changes meanwhile', async () => {
    const { rules, state } = followed(async () => {
      if (state.rules === 'a') {
        state.rules = 'b';
        rules.changed();
      }
      await settled();
    });
    await rules.begin();
    expect(state.sets).toEqual(['a', 'b']);
  });

  it('are told of when they cannot be set, and tried again with the next change', async () => {
    let works = false;
    const { rules, state } = followed(() => (works ? Promise.resolve() : Promise.reject(new Error('nft is gone'))));
    await expect(rules.begin()).rejects.toThrow('nft is gone');
    rules.changed();
    await settled();
    expect(state.log).toEqual(['services: nft is gone']);
    works = true;
    rules.changed();
    await settled();
    expect(state.sets).toEqual(['a', 'a', 'a']);
  });

  it('are set again when somebody has done away with them', async () => {
    const { rules, state } = followed();
    await rules.begin();
    rules.renew();
    await rules.settled();
    expect(state.sets).toEqual(['a', 'a']);
  });

  it('need not be set as long as they say nothing', async () => {
    const { rules, state } = followed(undefined, 'a');
    await rules.begin();
    expect(state.sets).toEqual([]);
    state.rules = 'b';
    rules.changed();
    await rules.settled();
    state.rules = 'a';
    rules.changed();
    await rules.settled();
    expect(state.sets).toEqual(['b', 'a']);
  });
});
