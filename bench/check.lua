-- What wrk sends: POST /verify/check/json with a form, the right code of each verification in turn.
-- wrk -s check.lua URL -- FILE
--   FILE      request ids, one a line; when they are used up, wrk is left (status 0; 3: an answer was not 200)

local head = "api_key=abcd1234&api_secret=s3cr3tS3cr3t&code=1234&request_id="
local ready, made, came = {}, 0, 0

function init(args)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  for id in io.lines(args[1]) do ready[#ready + 1] = wrk.format(nil, nil, nil, head .. id) end
end

-- Those that are used up are asked again, and refused; nobody counts them.
function request()
  made = made + 1
  return ready[(made - 1) % #ready + 1]
end

function response(status)
  if status ~= 200 then os.exit(3) end
  came = came + 1
  if came >= #ready then os.exit(0) end
end
