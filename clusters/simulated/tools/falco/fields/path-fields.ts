import { type FalcoEvent, type Fields, text } from './field.ts';

/** Calls that succeed alone have paths (userspace/libsinsp/sinsp_filtercheck_fspath.cpp). */
function pathsOf({ call }: FalcoEvent): readonly string[] {
  if ('error' in call && call.error !== '') return [];
  return 'paths' in call ? call.paths : 'flags' in call ? [call.path] : [];
}

const name = (event: FalcoEvent): string | undefined => {
  const [path, ...others] = pathsOf(event);
  return others.length === 0 ? path : undefined;
};
const source = (event: FalcoEvent): string | undefined => {
  const [path, ...others] = pathsOf(event);
  return others.length === 0 ? undefined : path;
};
const target = (event: FalcoEvent): string | undefined => pathsOf(event)[1];

export const PATH_FIELDS: Fields = {
  'fs.path.name': text('the file that a call is about, if it is about one', name),
  'fs.path.nameraw': text('as fs.path.name', name),
  'fs.path.source': text('what is renamed or linked', source),
  'fs.path.sourceraw': text('as fs.path.source', source),
  'fs.path.target': text('the name that something is given', target),
  'fs.path.targetraw': text('as fs.path.target', target),
};
