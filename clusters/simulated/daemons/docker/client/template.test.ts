import { expect, test } from 'vitest';
import { renderTemplate } from './template.ts';

const web = {
  Name: '/web',
  State: { Running: true, ExitCode: 0 },
  Mounts: [{ Source: '/etc' }, { Source: '/var' }],
  Ports: { '80/tcp': null, '443/tcp': [1] },
  Labels: {},
};

test.each([
  ['{{.Name}}', '/web'],
  ['{{ .State.Running }} {{.State.ExitCode}}', 'true 0'],
  ['{{json .State}}', '{"Running":true,"ExitCode":0}'],
  ['{{range .Mounts}}{{.Source}} {{end}}', '/etc /var '],
  ['{{range $port, $x := .Ports}}{{$port}} {{end}}', '443/tcp 80/tcp '],
  ['{{if .Labels}}labelled{{else}}bare{{end}}', 'bare'],
  ['{{len .Mounts}}{{index .Ports "443/tcp"}}', '2[1]'],
  [String.raw`{{.Name}}\t{{.State}}`, '/web\tmap[ExitCode:0 Running:true]'],
])('%s is shown as Go shows it', (template, shown) => {
  expect(renderTemplate(template, web)).toBe(shown);
});

test.each([
  ['{{.Nonsense}}', 'map has no entry for key "Nonsense"'],
  ['{{range .Mounts}}', 'unexpected EOF'],
  ['{{printf "%d" .Name}}', 'not simulated: printf'],
])('%s is refused', (template, why) => {
  expect(() => renderTemplate(template, web)).toThrow(why);
});
