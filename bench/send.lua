-- What wrk sends: POST /sms/json with a form, to a thousand numbers in turn.
-- wrk -s send.lua URL -- COUNT VARY CALLBACK
--   COUNT     stop after so many answers (status 3: one was not 200); 0: when the time is over
--   VARY      1: each message has a text of its own
--   CALLBACK  where receipts go; absent: nowhere

local head = "api_key=abcd1234&api_secret=s3cr3tS3cr3t&from=Acme&to=447700900%03d"
local text = "&text=Your+parcel+comes+today+between+9+and+11."
local count, vary, made, came = 0, false, 0, 0
local ready = {}

function init(args)
  count = tonumber(args[1] or "0")
  vary = args[2] == "1"
  if args[3] then head = head .. "&callback=" .. args[3]:gsub(":", "%%%%3A"):gsub("/", "%%%%2F") end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  for k = 0, 999 do ready[k] = wrk.format(nil, nil, nil, head:format(k) .. text) end
  if count == 0 then response = nil end
end

function request()
  local k = made
  made = made + 1
  if not vary then return ready[k % 1000] end
  local own = ("&text=Order+%d+of+%d+articles+leaves+us+today.+Your+code+is+%04d."):format(k, k % 7 + 1, k * 7919 % 10000)
  return wrk.format(nil, nil, nil, head:format(k % 1000) .. own)
end

-- wrk itself would go on until the time is over, so it is left here, without its summary.
function response(status)
  if status ~= 200 then os.exit(3) end
  came = came + 1
  if came >= count then os.exit(0) end
end
