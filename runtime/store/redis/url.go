package redis

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sessiongen/sessiongen/runtime/store/internal/address"
)

// errURL does not say what is wrong, which would quote the url: any part of one that is malformed may belong to a
// password, and no error here quotes one.
var errURL = errors.New("malformed url (is the password percent-encoded?)")

// parseURL reads what New describes.
func parseURL(text string) (Options, error) {
	if !strings.Contains(text, "://") {
		if _, err := address.Parse(context.Background(), text); err != nil {
			return Options{}, fmt.Errorf("the address is %w", err) // which may be a password that stands in the wrong place
		}
		return Options{Addrs: []string{text}}, nil
	}
	text, more := cutHosts(text)
	u, err := url.Parse(text)
	if err != nil || u.Fragment != "" {
		return Options{}, errURL
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Options{}, errURL
	}
	o := Options{Username: u.User.Username()}
	o.Password, _ = u.User.Password()
	scheme := u.Scheme
	if rest, ok := strings.CutPrefix(scheme, "rediss"); ok {
		scheme, o.TLS = "redis"+rest, &tls.Config{MinVersion: tls.VersionTLS12}
	}
	switch scheme {
	case "unix":
		err = o.readUnix(u, query)
	case "redis":
		err = o.readHosts(u, more, query, "6379")
	case "redis-cluster":
		o.Cluster = true
		err = o.readHosts(u, more, query, "6379", "addr")
	case "redis-sentinel":
		if o.MasterName = query.Get("master_name"); o.MasterName == "" {
			return o, errors.New("the url names no master: add ?master_name=…")
		}
		o.SentinelUsername, o.SentinelPassword = query.Get("sentinel_username"), query.Get("sentinel_password")
		err = o.readHosts(u, more, query, "26379", "addr", "master_name", "sentinel_username", "sentinel_password")
	default:
		err = errors.New("unknown scheme: want redis, rediss, unix, redis-sentinel, rediss-sentinel," +
			" redis-cluster or rediss-cluster")
	}
	return o, err
}

// cutHosts takes from a url all hosts but the first, of which package url would make one.
func cutHosts(text string) (first string, more []string) {
	start := strings.Index(text, "://") + len("://")
	end := len(text)
	if i := strings.IndexAny(text[start:], "/?#"); i >= 0 {
		end = start + i
	}
	start += strings.LastIndexByte(text[start:end], '@') + 1
	hosts := strings.Split(text[start:end], ",")
	return text[:start] + hosts[0] + text[end:], hosts[1:]
}

func (o *Options) readUnix(u *url.URL, query url.Values) error {
	if u.Host != "" || u.Path == "" {
		return errors.New("a unix url has a path and no host: unix:///path")
	}
	o.Addrs = []string{u.Path}
	return errors.Join(o.readDB(query.Get("db")), checkParameters(query, "db"))
}

func (o *Options) readHosts(u *url.URL, more []string, query url.Values, port string, parameters ...string) error {
	for _, host := range append([]string{u.Host}, more...) {
		one, err := url.Parse("//" + host)
		switch {
		case err != nil:
			return errURL
		case one.Hostname() == "":
			return errors.New("the url has no host, or an empty one")
		}
		o.Addrs = append(o.Addrs, net.JoinHostPort(one.Hostname(), cmp.Or(one.Port(), port)))
	}
	if len(o.Addrs) > 1 && !o.Cluster && o.MasterName == "" {
		return errors.New("several hosts: only redis-cluster:// and redis-sentinel:// have more than one")
	}
	o.Addrs = append(o.Addrs, query["addr"]...)
	return errors.Join(o.readDB(strings.TrimPrefix(u.Path, "/")), checkParameters(query, parameters...))
}

func (o *Options) readDB(text string) (err error) {
	if text != "" {
		if o.DB, err = strconv.Atoi(text); err != nil {
			err = errors.New("the database is not a number")
		}
	}
	return err
}

func checkParameters(query url.Values, known ...string) error {
	for name := range query {
		if !slices.Contains(known, name) {
			if len(known) == 0 {
				return errors.New("unknown parameter: this url has none")
			}
			return fmt.Errorf("unknown parameter: known are %s", strings.Join(known, ", "))
		}
	}
	return nil
}
