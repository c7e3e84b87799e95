import { expect, test } from 'vitest';
import { TerminalId } from '../../../protocol/ids.ts';
import { firstTabs, keptTabs, tabLabel, withTab, withoutTab } from './terminal-tabs.ts';

function ids() {
  let next = 0;
  return () => TerminalId.parse(`t-${next++}`);
}
const id = (text: string) => TerminalId.parse(text);

test('starts with a tab for each host, the first in front', () => {
  expect(firstTabs(['workstation', 'node01'], 2, ids())).toEqual({
    generation: 2,
    tabs: [
      { id: 't-0', host: 'workstation' },
      { id: 't-1', host: 'node01' },
    ],
    active: 't-0',
  });
});

test('finds the kept tabs again after a reload, and not after a reset', () => {
  const text = JSON.stringify(firstTabs(['workstation'], 0, ids()));
  expect(keptTabs(text, 0)?.active).toBe('t-0');
  expect(keptTabs(text, 1)).toBeUndefined();
});

test.each([null, 'not json', '{}', '{"generation":0,"tabs":[{"id":"../x","host":"node01"}],"active":null}'])(
  'starts afresh when the browser kept %s',
  (text) => {
    expect(keptTabs(text, 0)).toBeUndefined();
  },
);

test('puts another shell beside those of its host and numbers them', () => {
  const set = withTab(firstTabs(['workstation', 'node01'], 0, ids()), { id: id('t-9'), host: 'workstation' });
  expect(set.tabs.map((tab) => tabLabel(set, tab))).toEqual(['workstation 1', 'workstation 2', 'node01']);
  expect(set.active).toBe('t-9');
});

test('brings a neighbour forward when the tab in front is closed', () => {
  const set = firstTabs(['workstation', 'controlplane', 'node01'], 0, ids());
  expect(withoutTab(set, id('t-0')).active).toBe('t-1');
  expect(withoutTab({ ...set, active: id('t-2') }, id('t-2')).active).toBe('t-1');
  expect(withoutTab(set, id('t-1')).active).toBe('t-0');
  const none = set.tabs.reduce((left, tab) => withoutTab(left, tab.id), set);
  expect(none).toMatchObject({ tabs: [], active: null });
});
