select token, {present} as present
from old table (delete from lease_job where queue = :queue and id = :id)
