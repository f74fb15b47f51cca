package redis

import (
	"context"

	goredis "github.com/redis/go-redis/v9"
)

// A script is a program that Redis runs, atomically. EVALSHA names it by its SHA-1, which stands here because a program
// in FIPS 140 mode may not compute one; a test asks Redis for it.
type script struct{ sha, text string }

// swapScript writes last and once: if it ends with an error, it has written nothing. What is no string has another
// version than any that is expected.
//
// KEYS[1] the key; ARGV[1] the version that is expected, ARGV[2] the record, ARGV[3] its ttl in milliseconds.
var swapScript = script{"e8da59e1f18a4c14cb130f1aa939b508958301bf",
	`local version = redis.pcall('GETRANGE', KEYS[1], 0, 15)
if type(version) == 'table' and not string.find(version.err, 'WRONGTYPE', 1, true) then return version end
if version == '' then return 0 end
if version ~= ARGV[1] then return -1 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`}

// claimScript is swapScript for what has no version because it is no record: see foreign.
var claimScript = script{"c8baa0c726a73a18f4d2a524afe1b9c958da966a",
	`local version = redis.pcall('GETRANGE', KEYS[1], 0, 15)
if type(version) == 'table' and not string.find(version.err, 'WRONGTYPE', 1, true) then return version end
if type(version) == 'string' and #version == 16 then return -1 end
if redis.call('SET', KEYS[1], ARGV[2], 'XX', 'PX', ARGV[3]) then return 1 end
return 0`}

// pingScript shows that this Redis runs scripts.
var pingScript = script{"e0e1f9fabfc9d4800c877a703b823ac0578ff8db", `return 1`}

// The replies of swapScript and claimScript.
const (
	swapStale   = -1
	swapMissing = 0
	swapDone    = 1
)

// run has Redis run a script by its name, or by its text where this server has not seen it yet, or was restarted. send
// sends one command.
func (sc script) run(send func(command, script string) (int64, error)) (int64, error) {
	n, err := send("evalsha", sc.sha)
	if err != nil && goredis.HasErrorPrefix(err, "NOSCRIPT") {
		return send("eval", sc.text)
	}
	return n, err
}

// send sends a command whose key is argument keyAt.
func send(ctx context.Context, c processor, cmd goredis.Cmder, keyAt int8) error {
	// So that a cluster client need not ask a node about the command first, in a request that heeds no deadline.
	cmd.SetFirstKeyPos(keyAt)
	cmd.SetStepCount(1)
	return c.Process(ctx, cmd)
}

// processor is what the clients of go-redis have in common.
type processor interface {
	Process(context.Context, goredis.Cmder) error
}
