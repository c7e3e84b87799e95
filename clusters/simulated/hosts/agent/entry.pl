# The first process of a server's labs. It is given this much as an argument; the rest of the program is too long for one and is sent.

sub main {
  open_channel();
  syscall($NR{close_range}, 5, 0xffffffff, 0);
  %ENV = (PATH => '/usr/sbin:/usr/bin');
  my $rest = next_frame() // exit 0;
  eval $rest->[0] or die $@;
  undef $rest;
  tend_labs();
}

eval { main(); 1 } or do { send_frame(0, 'failed', "$@"); exit 1 };
