#!/usr/bin/env perl
# The running example with Perl's core modules. Usage: perl example.pl [http://127.0.0.1:8080]
use strict;
use warnings;
use HTTP::Tiny;
use JSON::PP;

my $base = shift // 'http://127.0.0.1:8080';
my $body = encode_json({ expression => '(x + w) * (w + 1)', leaves => { w => 1, x => 2 } });
my $response = HTTP::Tiny->new->post("$base/v1/evaluate",
    { headers => { 'Content-Type' => 'application/json' }, content => $body });
die "$response->{status} $response->{content}" unless $response->{success};
my $answer = decode_json($response->{content});
print "y = $answer->{value}\n";
print "dy/dw = $answer->{gradients}{w}\n";
print "dy/dx = $answer->{gradients}{x}\n";
