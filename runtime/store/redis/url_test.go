package redis

import (
	"crypto/tls"
	"reflect"
	"strings"
	"testing"
)

func TestURLsSayWhereRedisIs(t *testing.T) {
	secured := &tls.Config{MinVersion: tls.VersionTLS12}
	for url, want := range map[string]Options{
		"127.0.0.1:6379":                  {Addrs: []string{"127.0.0.1:6379"}},
		"./redis.sock":                    {Addrs: []string{"./redis.sock"}},
		"/run/redis/redis.sock":           {Addrs: []string{"/run/redis/redis.sock"}},
		"redis://cache":                   {Addrs: []string{"cache:6379"}},
		"redis://cache:7000/3":            {Addrs: []string{"cache:7000"}, DB: 3},
		"redis://[::1]/":                  {Addrs: []string{"[::1]:6379"}},
		"redis://u:p%40%2f@cache":         {Addrs: []string{"cache:6379"}, Username: "u", Password: "p@/"},
		"redis://:p@cache":                {Addrs: []string{"cache:6379"}, Password: "p"},
		"rediss://cache":                  {Addrs: []string{"cache:6379"}, TLS: secured},
		"unix:///run/redis.sock":          {Addrs: []string{"/run/redis.sock"}},
		"unix://u:p@/run/redis.sock?db=2": {Addrs: []string{"/run/redis.sock"}, Username: "u", Password: "p", DB: 2},
		"redis-cluster://a":               {Addrs: []string{"a:6379"}, Cluster: true},
		"redis-cluster://a:1?addr=b:2":    {Addrs: []string{"a:1", "b:2"}, Cluster: true},
		"redis-cluster://a:1,b,[::1]:3":   {Addrs: []string{"a:1", "b:6379", "[::1]:3"}, Cluster: true},
		"redis-sentinel://:p@a,b:2/1?master_name=m&addr=c:3": {
			Addrs: []string{"a:26379", "b:2", "c:3"}, MasterName: "m", DB: 1, Password: "p",
		},
		"rediss-cluster://:p@a:1":          {Addrs: []string{"a:1"}, Cluster: true, Password: "p", TLS: secured},
		"redis-sentinel://a?master_name=m": {Addrs: []string{"a:26379"}, MasterName: "m"},
		"rediss-sentinel://:p@a:1/2?master_name=m&addr=b:2&addr=c:3&sentinel_username=su&sentinel_password=sp": {
			Addrs: []string{"a:1", "b:2", "c:3"}, MasterName: "m", DB: 2, Password: "p",
			SentinelUsername: "su", SentinelPassword: "sp", TLS: secured,
		},
	} {
		got, err := parseURL(url)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", url, got, err, want)
		}
		if err := got.check(); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestURLsThatMakeNoSenseAreErrorsThatKeepThePassword(t *testing.T) {
	for url, want := range map[string]string{
		"":                                    "not host:port",
		"cache":                               "not host:port",
		"cache:":                              "not host:port",
		":6379":                               "not host:port",
		"redis://":                            "no host",
		"redis://:6379":                       "no host",
		"redis:///1":                          "no host",
		"redis://a:1,b:2":                     "several hosts",
		"redis-cluster://a:1,":                "no host",
		"redis-cluster://,a:1":                "no host",
		"redis-sentinel://a:1,b:2":            "names no master",
		"http://cache":                        "unknown scheme",
		"redisss://cache":                     "unknown scheme",
		"rediss-other://cache":                "unknown scheme",
		"redis://:sec#ret@cache":              "malformed",
		"redis://:sec%ret@cache":              "malformed",
		"redis://cache:sec ret":               "malformed",
		"redis://cache/one":                   "not a number",
		"redis://cache/-1":                    "database -1",
		"redis://cache?db=1":                  "unknown parameter",
		"redis://cache?addr=b:1":              "unknown parameter",
		"redis-cluster://a:1?addr=b":          "not host:port",
		"redis-cluster://a:1/2":               "a cluster has only 0",
		"redis-cluster://a:1?add=b:2":         "unknown parameter",
		"redis-sentinel://a:1":                "names no master",
		"redis-sentinel://a?master_name=":     "names no master",
		"unix://cache/path":                   "no host",
		"unix://":                             "no host",
		"unix:///":                            "a directory's path",
		"unix:///run/.":                       "a directory's path",
		"unix:///run/%00":                     "a NUL",
		"unix:///" + strings.Repeat("a", 200): "too long",
		"./":                                  "a directory's path",
		"@":                                   "nothing follows the @",
		"/run/\x00":                           "a NUL",
		"/" + strings.Repeat("a", 200):        "too long",
		"redis://h:0":                         "no such port",
		"redis://h:70000":                     "no such port",
		"redis://127.0.0.1 :1":                "malformed",
		"redis://no-such-host.invalid":        "lookup no-such-host.invalid",
		"redis-cluster://127.0.0.1:1?addr=no-such-host.invalid:1": "lookup no-such-host.invalid",
		"redis-cluster://127.0.0.1:1?addr=a+b:1":                  "not host:port",
		"redis-cluster://127.0.0.1:1?addr=b:70000":                "no such port",
		"redis-cluster://127.0.0.1:1?addr=:secret@b:1":            "not host:port",
		"redis://user:12/secret@cache":                            "not a number",
		"redis://user:12?secret@cache":                            "unknown parameter",
		"redis-cluster://user:12?secret@cache":                    "unknown parameter",
		"secret://cache":                                          "unknown scheme",
		"user:secret@cache:6379":                                  "not host:port",
		"secret":                                                  "not host:port",
		"user:secret@cache":                                       "not host:port",
	} {
		s, err := New(url)
		if s != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", url, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "sec") || strings.Contains(err.Error(), "ret@")) {
			t.Errorf("%q: the error tells the password: %v", url, err)
		}
	}
}

func TestOptionsThatContradictEachOtherAreErrors(t *testing.T) {
	for want, o := range map[string]Options{
		"no addresses":     {},
		"several":          {Addrs: []string{"a:1", "b:1"}},
		"both":             {Addrs: []string{"a:1"}, Cluster: true, MasterName: "m"},
		"is not host:port": {Addrs: []string{"a:1", "/run/redis.sock"}, Cluster: true},
		"only 0":           {Addrs: []string{"a:1"}, Cluster: true, DB: 1},
	} {
		if s, err := NewWithOptions(o); s != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want an error with %q", o, err, want)
		}
	}
}
