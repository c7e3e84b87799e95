# Links, addresses and routes by rtnetlink(7), told in the words of `ip -batch`, of which it knows those that a lab needs. Starting the real
# `ip` takes longer than all that it would do here. Numbers: include/uapi/linux/rtnetlink.h, if_link.h and if_addr.h.

sub INET() { 2 }
# How a request wants to be taken: answered, and what is there already is an error.
sub REQUEST() { 1 | 4 }
sub CREATE() { REQUEST | 0x200 | 0x400 }
sub REPLACE() { REQUEST | 0x100 | 0x400 }
sub UP() { 1 }

# Does what the lines say in the caller's network namespace. Dies with the line that could not be done.
sub change_network {
  my ($batch) = @_;
  socket(my $netlink, 16, 3, 0) or die "netlink: $!\n";
  for my $line (grep { length } split /\n/, $batch) {
    my ($type, $flags, $body) = request_of($netlink, $line);
    syswrite($netlink, pack('L S2 L2 a*', 16 + length $body, $type, $flags, 1, 0, $body)) or die "ip $line: $!\n";
    sysread($netlink, my $answer, 1 << 13) or die "ip $line: $!\n";
    my $error = unpack('x16 l', $answer) or next;
    $! = -$error;
    die "ip $line: $!\n";
  }
}

sub request_of {
  my ($netlink, $line) = @_;
  my ($object, $verb, $what, @more) = split / /, $line;
  my %is = words_of(@more);
  if ("$object $verb" eq 'link set' && "@more" eq 'up') { return (16, REQUEST, link_header(UP) . attribute(3, "$what\0")) }
  if ("$object $verb" eq 'link add') {
    my $master = $is{master} ? attribute(10, pack('L', index_of($netlink, $is{master}))) : '';
    return (16, CREATE, link_header($is{up} ? UP : 0) . attribute(3, "$what\0") . $master . attribute(18, kind_of(\%is)));
  }
  if ("$object $verb" eq 'addr add') {
    my ($address, $prefix) = address_of($what);
    return (20, CREATE, pack('C4 L', INET, $prefix, 0, 0, index_of($netlink, $is{dev})) . attribute(2, $address) . attribute(1, $address));
  }
  if ($object eq 'route' && $verb =~ /^(?:add|replace)$/) {
    my ($address, $prefix) = $what eq 'default' ? ('', 0) : address_of($what);
    my $scope = $is{via} ? 0 : 253; # anywhere, or on this link
    my $body = pack('C8 L', INET, $prefix, 0, 0, 254, 3, $scope, 1, 0); # in the main table, by boot, unicast
    $body .= attribute(1, $address) if $prefix;
    $body .= attribute(5, (address_of($is{via}))[0]) if $is{via};
    $body .= attribute(4, pack('L', index_of($netlink, $is{dev}))) if $is{dev};
    return (24, $verb eq 'add' ? CREATE : REPLACE, $body);
  }
  die "ip $line: these words are not known here\n";
}

# `up` stands alone, `peer` is followed by its name; every other word by its value.
sub words_of {
  my %is;
  while (defined(my $word = shift)) {
    if ($word eq 'up') { $is{up} = 1 }
    elsif ($word eq 'peer') { next }
    else { $is{$word} = shift }
  }
  return %is;
}

# A bridge with its options, or a cable with its other end, which may be in another process's network.
sub kind_of {
  my ($is) = @_;
  my $data = '';
  if ($is->{type} eq 'bridge') {
    $data .= attribute(1, pack('L', $is->{forward_delay})) if defined $is->{forward_delay};
    $data .= attribute(23, pack('C', $is->{mcast_snooping})) if defined $is->{mcast_snooping};
  } else {
    $data = attribute(1, link_header(0) . attribute(3, "$is->{name}\0") . attribute(19, pack('L', $is->{netns})));
  }
  return attribute(1, $is->{type}) . attribute(2, $data);
}

sub link_header { pack('C x S l L L', 0, 0, 0, $_[0], $_[0]) }

sub attribute {
  my ($type, $data) = @_;
  return pack('S2 a* x![4]', 4 + length $data, $type, $data);
}

# The four bytes of an address, and the length of its prefix.
sub address_of {
  my ($address, $prefix) = split m{/}, $_[0];
  return (pack('C4', split /\./, $address), $prefix // 32);
}

sub index_of {
  my ($netlink, $name) = @_;
  my $request = pack('a16 x24', $name);
  ioctl($netlink, 0x8933, $request) or die "link $name: $!\n";
  return unpack('x16 l', $request);
}

# Chains that somebody put into a network and wants to hear of being gone: those who flush a rule set take other people's rules along.
my %rule_watches;

sub rule_watches { map { $_->{events} } values %rule_watches }

# Tells that the watch's chain was deleted in the caller's network namespace (NFNLGRP_NFTABLES of include/uapi/linux/netfilter/nfnetlink.h).
sub watch_rules {
  my ($id, $chain) = @_;
  socket(my $events, 16, 3, 12) or die "netlink: $!\n";
  bind($events, pack('S x2 L2', 16, 0, 1 << 6)) or die "netlink: $!\n";
  nonblocking($events);
  $rule_watches{$id} = {events => $events, chain => $chain};
}

sub unwatch_rules { delete $rule_watches{$_[0]} }

sub tell_lost_rules {
  my ($events) = @_;
  my ($id) = grep { $rule_watches{$_}{events} == $events } keys %rule_watches or return;
  my $is_lost;
  while (1) {
    my $count = sysread($events, my $messages, 1 << 14);
    if (!defined $count) {
      last unless $! == 105; # ENOBUFS: more was deleted than the kernel could tell
      $is_lost = 1;
      next;
    }
    while (length $messages >= 16) {
      my ($length, $type) = unpack('L S', $messages);
      last if $length < 16;
      # NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELCHAIN
      $is_lost = 1 if $type == 0xa05 && index(substr($messages, 16, $length - 16), "$rule_watches{$id}{chain}\0") >= 0;
      substr($messages, 0, $length + 3 & ~3) = '';
    }
  }
  send_frame(0, 'changed', $id) if $is_lost;
}
