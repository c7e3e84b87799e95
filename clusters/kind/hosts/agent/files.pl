# Reads or writes one file. Fields: `read`, path, limit; or `write`, path, mode, content. Answers with fields: an outcome and what belongs
# to it; `failed` and why. What a learner mounted there may never answer; then this ends.
my ($what, @file) = asked();
$SIG{ALRM} = sub { die "$file[0] did not answer\n" };
alarm 20;
my @result = eval {
  return read_file(@file) if $what eq 'read';
  write_file(@file);
  return 'written';
};
@result = ($what eq 'read' ? 'refused' : 'failed', $@ =~ s/\n$//r) if $@;
write_all(\*STDOUT, pack('(N/a*)*', @result));
