package adopt

import (
	"slices"
	"strings"
)

// findLogins looks for logins that keep the id of the session that the visitor came with, which somebody else may
// have given them (session fixation). A session in its cookie has no id.
func (st *study) findLogins(in *session) {
	seen := map[*function]bool{}
	for _, k := range in.keys {
		if !k.has("renew") || !st.onServer(k.lib) {
			continue
		}
		for _, w := range k.written {
			f := w.site.fn
			if seen[f] || !st.isLogin(k, w) || st.prog.about(f, impersonation, 0) {
				continue
			}
			seen[f] = true
			if slices.ContainsFunc(k.reads, func(s *site) bool { return s.fn == f && s.at < w.site.at }) {
				continue // it changes what is there
			}
			if st.around(f, func(s *site) bool { return s.op == opRenew || s.op == opDestroy || s.op == opClear }) {
				continue
			}
			way := ""
			if !k.lib.renewable {
				way = ", and " + k.lib.name + " has no way to renew it"
			}
			st.add("no-renew-at-login", k.text, w.site.at, "this login keeps the session's id%s: whoever has planted it is logged in too", way)
		}
	}
}

// onServer reports whether it is certain that sessions are kept on a server.
func (st *study) onServer(lib *library) bool {
	if lib.renewable {
		return len(st.cookies) == 0
	}
	return len(st.cookies) == 0 && len(st.storePackages()) > 0
}

// findLogouts looks for logouts that take a key or two out of a session and leave the rest.
func (st *study) findLogouts(in *session) {
	seen := map[*function]bool{}
	for _, k := range in.keys {
		if !saysWho(k) {
			continue
		}
		for _, s := range st.removals(k) {
			f := s.fn
			if f == nil || seen[f] || !st.prog.about(f, logoutName, 1) {
				continue
			}
			seen[f] = true
			if st.around(f, func(s *site) bool { return s.op == opDestroy || s.op == opClear }) {
				continue
			}
			var left []string
			for _, other := range in.keys {
				if len(other.writes) > 0 && !other.has("flash") && !slices.ContainsFunc(st.removals(other), func(s *site) bool { return s.fn == f }) {
					left = append(left, other.text)
				}
			}
			if len(left) > 0 {
				st.add("record-kept-at-logout", k.text, s.at, "this logout keeps the session, with %s in it: destroy it", listed(left))
			}
		}
	}
}

// removals are the sites that take a key's value away.
func (st *study) removals(k *key) []*site {
	all := slices.Clone(k.removes)
	for _, w := range k.written {
		if clears(k, w) {
			all = append(all, w.site)
		}
	}
	return all
}

// findCookies reports several sessions, and those that live in their cookie.
func (st *study) findCookies() {
	if len(st.sessions) > 1 {
		var names []string
		for _, s := range st.sessions {
			names = append(names, s.cookie)
		}
		for _, s := range st.sites {
			if len(s.name) == 1 && s.name[0].text == names[1] {
				st.add("several-cookies", "", s.at, "the program has %d sessions, %s: each becomes a schema of its own", len(names), listed(names))
				break
			}
		}
	}
	if len(st.cookies) > 0 {
		st.add("no-such-store", "", st.cookies[0].at,
			"sessions live in their cookie here: sessiongen keeps them on a server, so a store is needed (file, for a site on one machine)")
	}
}

// stores are parts of the names of packages that keep sessions somewhere, and what that is called if sessiongen cannot.
var stores = []struct{ part, lacks string }{
	{"mongo", "MongoDB"}, {"dynamo", "DynamoDB"}, {"dynstore", "DynamoDB"}, {"firestore", "Firestore"}, {"badger", "Badger"}, {"buntdb", "BuntDB"},
	{"consul", "Consul"}, {"etcd", "etcd"}, {"leveldb", "LevelDB"}, {"ledis", "LedisDB"}, {"couch", "CouchDB"}, {"cassandra", "Cassandra"},
	{"rethink", "RethinkDB"}, {"mssql", "SQL Server"}, {"hazelcast", "Hazelcast"}, {"datastore", "Datastore"}, {"ssdb", "SSDB"},
	{"arangodb", "ArangoDB"}, {"redis", ""}, {"redistore", ""}, {"memcache", ""}, {"memstore", ""}, {"postgres", ""}, {"pgstore", ""}, {"pgx", ""},
	{"mysql", ""}, {"sqlite", ""}, {"gorm", ""}, {"bun", ""}, {"bolt", ""}, {"bbolt", ""}, {"cockroach", ""}, {"filesystem", ""},
}

// storePackages are the packages that the program imports in order to keep sessions on a server, with what sessiongen
// lacks.
func (st *study) storePackages() map[string]string {
	found := map[string]string{}
	for path := range st.prog.imports {
		lower := strings.ToLower(path)
		if !strings.Contains(lower, "session") && !strings.Contains(lower, "store") && !strings.Contains(lower, "scs") && !strings.Contains(lower, "gofiber/storage") {
			continue
		}
		if st.prog.isOwn(path) {
			continue
		}
		for _, s := range stores {
			if strings.Contains(lower[strings.LastIndex(strings.TrimSuffix(withoutVersion(lower), "/"), "/")+1:], s.part) {
				found[path] = s.lacks
				break
			}
		}
	}
	for _, s := range st.sites {
		if s.op == opStore {
			found["of "+s.lib.name] = ""
		}
	}
	return found
}

// isOwn reports whether a package is one of a module of the program.
func (prog *program) isOwn(path string) bool {
	return slices.ContainsFunc(prog.pkgs, func(p *pkg) bool {
		return p.Module != "" && strings.HasPrefix(path+"/", p.Module+"/")
	})
}

func (st *study) findStores() {
	for path, lacks := range st.storePackages() {
		if at, ok := st.prog.importedAt(path); ok && lacks != "" {
			st.add("no-such-store", "", at, "sessiongen has no store for %s: take one of its own, or write five methods (doc/operations.md)", lacks)
		}
	}
}

// findFrameworks reports frameworks without an adapter for the version in use.
func (st *study) findFrameworks() {
	if st.library == nil {
		return
	}
	for _, f := range frameworks {
		for _, path := range f.paths {
			if at, ok := st.prog.importedAt(path); ok {
				st.add("framework", "", at, "%s", f.text)
			}
		}
	}
}

var frameworks = []struct {
	paths []string
	text  string
}{
	{[]string{"github.com/labstack/echo", "github.com/labstack/echo/v2", "github.com/labstack/echo/v3", "github.com/labstack/echo/v4"},
		"the adapter echosession is for echo v5: upgrade, or use Do (echo.WrapMiddleware would have a session saved whose handler has failed)"},
	{[]string{"github.com/gofiber/fiber", "github.com/gofiber/fiber/v2"},
		"the adapter fibersession is for fiber v3: upgrade first"},
	{[]string{"github.com/astaxie/beego", "github.com/beego/beego", "github.com/beego/beego/v2/server/web"},
		"there is no adapter for beego: put sessions.Middleware around its handler with web.RunWithMiddleWares"},
	{[]string{"github.com/kataras/iris", "github.com/kataras/iris/v12"}, "there is no adapter for iris: use Do"},
	{[]string{"github.com/gobuffalo/buffalo"}, "there is no adapter for buffalo: use Do"},
	{[]string{"github.com/revel/revel"}, "there is no adapter for revel"},
}
