select s1.id from {{ ref('s1') }} s1 join {{ ref('s2') }} s2 on s1.id = s2.id
