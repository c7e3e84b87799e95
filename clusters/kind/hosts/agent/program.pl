# One program with pipes (pump_program in keeper.pl). Fields: folder, number of variables, variables, words.
my ($cwd, $count, @words) = asked();
my @env = splice @words, 0, 2 * $count;
pipe(my $in, my $input) && pipe(my $output, my $out) && pipe(my $error, my $err) or die "pipe: $!\n";
my ($pid, $failure) = launch($cwd, \@env, \@words, undef, $in, $out, $err);
close($_) for $in, $out, $err;
my $ended = pidfd($pid);
my $complaint = join '', <$failure>;
if (length $complaint) {
  tell_packet(\*STDOUT, 4, $complaint);
} else {
  pump_program(\*STDIN, \*STDOUT, {pid => $pid, ended => $ended, input => $input, output => $output, error => $error});
}
