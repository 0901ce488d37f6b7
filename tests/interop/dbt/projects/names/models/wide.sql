select {% for i in range(200) %}{{ i }} as "col {{ i }}"{{ ", " if not loop.last }}{% endfor %}
