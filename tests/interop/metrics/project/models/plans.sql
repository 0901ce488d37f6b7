select i as plan_id, ['free', 'small', 'large', 'huge'][1 + i] as plan_name, i >= 2 as is_paid from range(4) as t(i)
