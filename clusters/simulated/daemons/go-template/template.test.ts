import { expect, test } from 'vitest';
import { renderTemplate } from './render.ts';

const web = {
  Name: '/web',
  State: { Running: true, ExitCode: 0 },
  Mounts: [{ Source: '/etc' }, { Source: '/var' }],
  Ports: { '80/tcp': null, '443/tcp': [1] },
  Labels: {},
  Words: ['a', 'b'],
};

test.each([
  ['{{.Name}}', '/web'],
  ['{{ .State.Running }} {{.State.ExitCode}}', 'true 0'],
  ['{{json .State}}', '{"Running":true,"ExitCode":0}'],
  ['{{range .Mounts}}{{.Source}} {{end}}', '/etc /var '],
  ['{{range $port, $x := .Ports}}{{$port}} {{end}}', '443/tcp 80/tcp '],
  ['{{range $i, $m := .Mounts}}{{if $i}}, {{end}}{{$m.Source}}{{end}}', '/etc, /var'],
  ['{{if .Labels}}labelled{{else}}bare{{end}}', 'bare'],
  ['{{if .Labels}}a{{else if eq .Name "/web"}}b{{else}}c{{end}}', 'b'],
  ['{{len .Mounts}}{{index .Ports "443/tcp"}}', '2[1]'],
  ['{{(index .Mounts 1).Source}}', '/var'],
  ['{{with .State}}{{.Running}} {{$.Name}}{{end}}', 'true /web'],
  ['{{$n := .Name}}{{$n}}', '/web'],
  ['{{join .Words "-"}}', 'a-b'],
  ['{{.Name | printf "%-6s|%q" "x"}}', 'x     |"/web"'],
  ['{{upper .Name}}{{slice .Name 1}}', '/WEBweb'],
  ['{{and .Labels .Name}}|{{or .Labels .Name}}|{{not .Labels}}', 'map[]|/web|true'],
  ['a {{- .Name -}} b{{/* not shown */}}', 'a/webb'],
  [String.raw`{{.Name}}\t{{.State}}`, String.raw`/web\tmap[ExitCode:0 Running:true]`],
])('%s is shown as Go shows it', (template, shown) => {
  expect(renderTemplate(template, web)).toBe(shown);
});

test.each([
  ['{{.Nonsense}}', 'template: :1:2: executing "" at <.Nonsense>: map has no entry for key "Nonsense"'],
  ['{{.State.Nonsense}}', 'template: :1:8: executing "" at <.State.Nonsense>: map has no entry for key "Nonsense"'],
  ['{{.Name.Nonsense}}', "can't evaluate field Nonsense in type string"],
  ['{{range .Mounts}}', 'unexpected EOF'],
  ['{{.Name', 'unclosed action'],
  ['{{nonsense .Name}}', 'function "nonsense" not defined'],
  ['{{.Words | join ","}}', 'error calling join'],
  ['{{index .Words 7}}', 'index out of range: 7'],
  ['{{define "x"}}{{end}}', 'not simulated: define'],
])('%s is refused', (template, why) => {
  expect(() => renderTemplate(template, web)).toThrow(why);
});

test('keys that are not there have no value where the program says so', () => {
  expect(renderTemplate('{{.info.pid}} {{.info.none.deeper}}', { info: { pid: 7 } }, { missing: 'no value' })).toBe(
    '7 <no value>',
  );
});

test('of a Go type there are its fields and no others', () => {
  const type = '*formatter.ContainerContext';
  expect(() => renderTemplate('{{.Foo}}', web, { type })).toThrow(
    'executing "" at <.Foo>: can\'t evaluate field Foo in type *formatter.ContainerContext',
  );
});
