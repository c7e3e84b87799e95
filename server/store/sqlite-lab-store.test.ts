import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeLabStore } from './lab-store-contract.ts';
import { migrate } from './migrations.ts';
import { openSqliteLabStore } from './sqlite-lab-store.ts';

let directory = '';
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'breachlab-sqlite-'))));
afterEach(() => rmSync(directory, { recursive: true }));

describeLabStore('SQLite in memory', async () => openSqliteLabStore(':memory:'));
describeLabStore('SQLite on disk', async () => openSqliteLabStore(join(directory, 'labs.sqlite')));

test('a second server on the same database is refused until the first has closed it', async () => {
  const path = join(directory, 'labs.sqlite');
  const first = openSqliteLabStore(path);
  expect(() => openSqliteLabStore(path)).toThrow(`Another server uses the database ${path}.`);
  await first[Symbol.asyncDispose]();
  await openSqliteLabStore(path)[Symbol.asyncDispose]();
});

test('a file that is no database is left alone, and told as such', () => {
  const path = join(directory, 'labs.sqlite');
  const letter = 'Dear learner, '.repeat(100);
  writeFileSync(path, letter);
  expect(() => openSqliteLabStore(path)).toThrow(`${path} is no database.`);
  expect(readFileSync(path, 'utf8')).toBe(letter);
});

test('a database of a newer version is left alone', () => {
  const path = join(directory, 'labs.sqlite');
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 999');
  database.close();
  expect(() => openSqliteLabStore(path)).toThrow(/has schema 999/);
});

test('only the missing migrations run, and one that fails leaves nothing behind', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, ['CREATE TABLE a (x)']);
  migrate(database, ['CREATE TABLE a (x)', 'CREATE TABLE b (x)']);
  expect(() => migrate(database, ['', '', 'CREATE TABLE c (x); nonsense'])).toThrow(/nonsense/);
  const tables = database.prepare('SELECT name FROM sqlite_master ORDER BY name').all();
  expect(tables.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
  database.close();
});
